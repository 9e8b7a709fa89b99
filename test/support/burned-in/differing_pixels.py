"""What differs between two DICOM files as pydicom (and Pillow with OpenJPEG for HTJ2K) decodes them, which has nothing to do with Lethe.

Reads a JSON list of {"before", "after", "frame", "region": [x, y, width, height]} from standard input; prints a JSON list of
{"inside", "outside", "elsewhere", "most"}: pixels of that frame that differ inside and outside the region, pixels of all other frames that
differ, and by how much a sample differs outside the region at most.
"""
import io
import json
import sys

import numpy
import pydicom
from PIL import Image
from pydicom.encaps import generate_pixel_data_frame

HTJ2K = {"1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"}


def frames_of(path):
    """frames, rows, columns, samples"""
    dataset = pydicom.dcmread(path)
    count = int(dataset.get("NumberOfFrames", 1) or 1)
    if dataset.file_meta.TransferSyntaxUID in HTJ2K:
        streams = generate_pixel_data_frame(dataset.PixelData, count)
        pixels = numpy.stack([numpy.asarray(Image.open(io.BytesIO(stream))) for stream in streams])
    else:
        pixels = dataset.pixel_array
    return pixels.reshape(count, dataset.Rows, dataset.Columns, -1)


results = []
for job in json.load(sys.stdin):
    before, after = frames_of(job["before"]), frames_of(job["after"])
    differs = (before != after).any(axis=-1)
    x, y, width, height = job["region"]
    frame = differs[job["frame"]].copy()
    inside = int(frame[y : y + height, x : x + width].sum())
    frame[y : y + height, x : x + width] = False
    apart = numpy.abs(before[job["frame"]].astype("int64") - after[job["frame"]].astype("int64")).max(axis=-1)
    most = int(apart[frame].max(initial=0))
    elsewhere = int(numpy.delete(differs, job["frame"], axis=0).sum())
    results.append({"inside": inside, "outside": int(frame.sum()), "elsewhere": elsewhere, "most": most})
print(json.dumps(results))
