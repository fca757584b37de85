"""Video: tracks through the frames of a video, and the track that a sentence is about."""
