"""Pictures of the pages, for the README: taken when SCREENSHOTS names a folder."""

import io
from pathlib import Path

from PIL import Image
from playwright.async_api import ViewportSize

from tests.browser import PHONE
from tests.ui.person import Person

COLOURS = 128


class Camera:
    """Looks at a page as a person would, and keeps a picture if that is asked for."""

    def __init__(self, size: ViewportSize, folder: Path | None) -> None:
        self._kind = "phone" if size == PHONE else "desktop"
        self._folder = folder

    async def look(self, person: Person, name: str) -> None:
        """Nothing is wrong with the page; its picture is small enough to be kept beside code."""
        await person.finds_nothing_wrong()
        if self._folder is None:
            return
        await person.page.evaluate("document.fonts.ready")
        picture = Image.open(io.BytesIO(await person.page.screenshot()))
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}-{self._kind}.png"
        picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)
