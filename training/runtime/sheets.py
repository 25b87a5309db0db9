"""Many pictures side by side, as one."""

import numpy as np


def tile(pictures: np.ndarray, columns: int) -> np.ndarray:
    """(n, h, w, 3) uint8 to (rows * h, columns * w, 3); places that are left over stay white."""
    count, height, width, _ = pictures.shape
    rows = -(-count // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        y, x = index // columns * height, index % columns * width
        sheet[y : y + height, x : x + width] = picture
    return sheet
