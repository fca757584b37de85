"""The machine under the app: files that appear whole, what it refuses and why, processes that end with their parent."""
