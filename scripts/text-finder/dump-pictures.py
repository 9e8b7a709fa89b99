#!/usr/bin/env python3
"""Writes frames of DICOM files as greymaps, for backgrounds: dump-pictures.py FOLDER FILE...

Look through them and remove what holds text before they serve as clean anatomy. Needs pydicom and numpy; GDCM for compressed files.
"""
import os
import subprocess
import sys
import tempfile

import numpy
import pydicom

FRAMES_OF_A_FILE = 4


def read(path):
    data_set = pydicom.dcmread(path, force=True)
    try:
        return data_set, data_set.pixel_array
    except Exception:
        with tempfile.TemporaryDirectory() as folder:
            raw = os.path.join(folder, 'raw.dcm')
            subprocess.run(['gdcmconv', '--raw', path, raw], check=True, capture_output=True)
            data_set = pydicom.dcmread(raw, force=True)
            return data_set, data_set.pixel_array


def to_grey(data_set, pixels):
    """Frames of 8 bits: the window where there is one, else what all but a thousandth of the pixels span."""
    colours = int(data_set.SamplesPerPixel) == 3
    if int(data_set.get('NumberOfFrames', 1) or 1) <= 1:
        pixels = pixels[None]
    if colours:
        if 'YBR_FULL' in data_set.PhotometricInterpretation:
            pixels = pydicom.pixel_data_handlers.util.convert_color_space(pixels, 'YBR_FULL', 'RGB')
        grey = pixels @ numpy.array([0.299, 0.587, 0.114])
    else:
        pixels = pixels.astype(float)
        low, high = (0, 255) if pixels.max() <= 255 else numpy.percentile(pixels[:4], [0.1, 99.9])
        try:
            first = lambda value: float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)
            centre, width = first(data_set.WindowCenter), first(data_set.WindowWidth)
            slope, intercept = float(data_set.get('RescaleSlope', 1)), float(data_set.get('RescaleIntercept', 0))
            bottom, top = ((centre + side * width / 2 - intercept) / slope for side in (-1, 1))
            if bottom < high and top > low and top > bottom and pixels.max() > 255:
                low, high = bottom, top
        except (AttributeError, TypeError, ValueError):
            pass
        grey = (pixels - low) / max(1e-6, high - low) * 255
        if data_set.PhotometricInterpretation == 'MONOCHROME1':
            grey = 255 - grey
    return numpy.clip(numpy.round(grey), 0, 255).astype(numpy.uint8)


folder, *paths = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
for path in paths:
    try:
        frames = to_grey(*read(path))
    except Exception as error:
        print('left out', path, type(error).__name__, file=sys.stderr)
        continue
    if frames.ndim != 3 or min(frames.shape[1:]) < 150:
        continue
    for index in range(0, len(frames), max(1, len(frames) // FRAMES_OF_A_FILE))[:FRAMES_OF_A_FILE]:
        name = f'{os.path.splitext(os.path.basename(path))[0]}_f{index}.pgm'
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(b'P5\n%d %d\n255\n' % (frames.shape[2], frames.shape[1]) + frames[index].tobytes())
