"""What pyproject.toml cannot say: a wheel keeps app.py and assets/, which a Space wants at the top of the checkout,
inside the package."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithApp(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        room = Path(self.build_lib, "grounding")
        for file in (
            Path("app.py"),
            *(path for path in sorted(Path("assets").iterdir()) if path.suffix in (".json", ".md", ".safetensors")),
        ):
            self.mkpath(str(room / file.parent))
            self.copy_file(str(file), str(room / file))


setup(cmdclass={"build_py": WithApp})
