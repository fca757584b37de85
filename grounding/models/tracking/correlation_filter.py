"""Correlation filter: learns the appearance of an object from a view centred on it, and locates the object in the
next view.

Ridge regression over all shifts of the view, solved in the Fourier domain (Bolme et al. 2010; Danelljan et al. 2014,
equation 4).
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft2, rfft2

REGULARIZATION = 0.01  # relative to the mean energy of a frequency
PEAK_SIGMA = 0.08  # width of the target response, relative to the size of the object


class CorrelationFilter:
    """A filter on (C, S, S) features of square views centred on the object, which is about `extent` cells wide and high."""

    def __init__(self, features: np.ndarray, extent: float):
        side = features.shape[-1]
        hann = np.hanning(side + 2)[1:-1]
        self._window = np.outer(hann, hann).astype(np.float32)
        offsets = np.arange(side) - side // 2
        sigma = max(PEAK_SIGMA * extent, 0.6)
        peak = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * sigma ** 2)).astype(np.float32)
        self._target_spectrum = rfft2(np.fft.ifftshift(peak))
        self._side = side
        self._numerator, self._denominator = self._spectra(features)

    def update(self, features: np.ndarray, rate: float) -> None:
        """Updates the filter with a view centred on the object, by a running mean with weight `rate`."""
        numerator, denominator = self._spectra(features)
        self._numerator = (1 - rate) * self._numerator + rate * numerator
        self._denominator = (1 - rate) * self._denominator + rate * denominator

    def respond(self, features: np.ndarray) -> np.ndarray:
        """(S, S) response: about 1 at the object's centre; the centre of the view is at S // 2."""
        response = (self._numerator * rfft2(features * self._window)).sum(0) / (
            self._denominator + REGULARIZATION * self._denominator.mean()
        )
        return np.fft.fftshift(irfft2(response, s=(self._side, self._side)))

    def _spectra(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        spectrum = rfft2(features * self._window)
        return self._target_spectrum * spectrum.conj(), (spectrum * spectrum.conj()).real.sum(0)


def find_peak(response: np.ndarray) -> tuple[float, float, float]:
    """(x, y, height) of the maximum, in cells from the centre, refined to sub-cell accuracy by a parabola through its neighbours."""
    side = response.shape[0]
    row, column = np.unravel_index(int(response.argmax()), response.shape)
    shifts = []
    for line, index in ((response[:, column], row), (response[row], column)):
        before, centre, after = line[index - 1], line[index], line[(index + 1) % side]
        curvature = before - 2 * centre + after
        shifts.append(index - side // 2 + (0.0 if curvature >= 0 else float(np.clip((before - after) / (2 * curvature), -0.5, 0.5))))
    return shifts[1], shifts[0], float(response[row, column])


def peak_to_sidelobe_ratio(response: np.ndarray) -> float:
    """The peak minus the mean of the sidelobe, in standard deviations of the sidelobe (Bolme et al. 2010, section 3.5)."""
    row, column = np.unravel_index(int(response.argmax()), response.shape)
    radius = max(response.shape[0] // 8, 2)
    sidelobe = np.ones(response.shape, bool)
    sidelobe[max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1] = False
    return float((response[row, column] - response[sidelobe].mean()) / max(response[sidelobe].std(), 1e-9))
