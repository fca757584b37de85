"""Pictures to send to the routes."""

import io

from PIL import Image as Pillow


def picture(form="JPEG", size=(64, 48), color=(200, 40, 40), **options) -> bytes:
    """The bytes of a picture of one colour."""
    out = io.BytesIO()
    Pillow.new("RGB", size, color).save(out, form, **options)
    return out.getvalue()
