"""The grid a mask was made on, from its outline: an enlarged mask has its steps at multiples of the enlargement."""

from __future__ import annotations

import cv2
import numpy as np

_FINER = 4  # bins of the spectrum for each one of the outline's histogram
_LARGEST = 64.0  # pixels; larger cells are not looked for
_SMALLEST = 1.9
_PERIODS = 8000  # tried; in a wide mask a period half a per cent off is incoherent already
_FEWEST = 12.0  # places of steps along an axis; of a rectangle's few any grid could be the cause
_CERTAIN = 0.75  # coherence that no outline has by chance
_CHANCE = 3.5  # times the coherence that as many places by chance have
_HAS_HARMONIC = 4.0  # pixels; half of a smaller cell is too little for a harmonic
_HARMONIC = 1.25
_NEAR = 0.85  # share of the strongest coherence that a coarser grid must have to be taken instead


def grid_cell(wall: np.ndarray) -> float:
    """Side of the cells of the grid that a mask was made on.

    Parameters
    ----------
    wall : (H, W) bool

    Returns
    -------
    float
        Pixels, 1.9 to 64; 1 where the outline shows no coarser grid.

    Notes
    -----
    A mask enlarged k times, by repetition or by interpolation and a threshold, changes between wall and rest at
    multiples of k along each axis. Where a histogram of these places, seen as a sum of unit vectors turning once every
    k pixels, is coherent, k is the cell.
    """
    steps = wall.view(np.uint8) if wall.dtype == bool else (wall > 0.5).astype(np.uint8)
    total = 0.0
    spectra = []
    for across in (True, False):
        changes = steps[:, 1:] != steps[:, :-1] if across else steps[1:] != steps[:-1]
        counts = changes.sum(0 if across else 1).astype(np.float64)
        places = _places(counts)
        if places >= _FEWEST:
            spectra.append((counts, places))
    if not spectra:
        return 1.0
    periods = np.geomspace(_SMALLEST, min(_LARGEST, max(steps.shape) / 20), _PERIODS)
    coherence = np.zeros(len(periods))
    for counts, places in spectra:
        coherence += places * _coherence(np.minimum(counts, _cap(counts)), periods)
        total += places
    coherence /= total
    least = min(_CERTAIN, _CHANCE / np.sqrt(total))
    strongest = float(coherence.max())
    if strongest < least:
        return 1.0
    return float(periods[np.flatnonzero(coherence >= _NEAR * strongest).max()])


def _cap(counts: np.ndarray) -> float:
    """Count up to which a place is weighed: a long straight edge in one column says little about a grid."""
    return 2 * float(counts[counts > 0].mean())


def _places(counts: np.ndarray) -> float:
    """Number of places, those with small counts less."""
    if not counts.any():
        return 0.0
    capped = np.minimum(counts, _cap(counts))
    return float(capped.sum() ** 2 / (capped**2).sum())


def _coherence(counts: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """[0, 1] for each period: 1 if all places are its multiples apart."""
    length = cv2.getOptimalDFTSize(_FINER * len(counts))
    spectrum = np.abs(np.fft.rfft(counts, length)) / counts.sum()
    frequencies = np.arange(len(spectrum)) / length
    first, second = (np.interp(times / periods, frequencies, spectrum) for times in (1, 2))
    # a grid's second harmonic is strong too; that of an outline's large forms is not
    return np.where(periods >= _HAS_HARMONIC, np.minimum(first, _HARMONIC * second), first)
