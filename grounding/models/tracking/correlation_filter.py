"""Correlation filter: learns from one view where the middle of a thing is, and says where it is in the next view.

Ridge regression over all shifts of the view, solved in the Fourier domain (Bolme et al. 2010; Danelljan et al. 2014, equation 4).
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft2, rfft2

RIDGE = 0.01  # against the mean energy of a channel
SIGMA = 0.08  # how wide the wanted peak is, in sizes of the thing


class Filter:
    """Works on (C, S, S) features of square views; the thing lies in the middle and is about `extent` cells wide and high."""

    def __init__(self, features: np.ndarray, extent: float):
        side = features.shape[-1]
        hann = np.hanning(side + 2)[1:-1]
        self._window = np.outer(hann, hann).astype(np.float32)
        away = np.arange(side) - side // 2
        sigma = max(SIGMA * extent, 0.6)
        peak = np.exp(-(away[:, None] ** 2 + away[None, :] ** 2) / (2 * sigma ** 2)).astype(np.float32)
        self._wanted = rfft2(np.fft.ifftshift(peak))
        self._side = side
        self._top, self._bottom = self._parts(features)

    def learn(self, features: np.ndarray, rate: float) -> None:
        """Takes one more view in, with the thing in its middle; older views fade."""
        top, bottom = self._parts(features)
        self._top = (1 - rate) * self._top + rate * top
        self._bottom = (1 - rate) * self._bottom + rate * bottom

    def answer(self, features: np.ndarray) -> np.ndarray:
        """(S, S): how much the thing seems to have its middle in each cell; about 1 where it surely has, the view's middle at S // 2."""
        found = (self._top * rfft2(features * self._window)).sum(0) / (self._bottom + RIDGE * self._bottom.mean())
        return np.fft.fftshift(irfft2(found, s=(self._side, self._side)))

    def _parts(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        spectrum = rfft2(features * self._window)
        return self._wanted * spectrum.conj(), (spectrum * spectrum.conj()).real.sum(0)


def peak_of(answer: np.ndarray) -> tuple[float, float, float]:
    """(x, y, height) of the highest point in cells from the middle, between cells by the parabola through its neighbours."""
    side = answer.shape[0]
    row, column = np.unravel_index(int(answer.argmax()), answer.shape)
    shifts = []
    for line, place in ((answer[:, column], row), (answer[row], column)):
        before, here, after = line[place - 1], line[place], line[(place + 1) % side]
        bend = before - 2 * here + after
        shifts.append(place - side // 2 + (0.0 if bend >= 0 else float(np.clip((before - after) / (2 * bend), -0.5, 0.5))))
    return shifts[1], shifts[0], float(answer[row, column])


def sureness(answer: np.ndarray) -> float:
    """How far the peak stands out of the rest, in standard deviations of the rest (Bolme et al. 2010, section 3.5)."""
    row, column = np.unravel_index(int(answer.argmax()), answer.shape)
    near = max(answer.shape[0] // 8, 2)
    rest = np.ones(answer.shape, bool)
    rest[max(row - near, 0) : row + near + 1, max(column - near, 0) : column + near + 1] = False
    return float((answer[row, column] - answer[rest].mean()) / max(answer[rest].std(), 1e-9))
