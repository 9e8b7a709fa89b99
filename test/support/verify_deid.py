"""Compares de-identified files with their originals by an independent reader (pydicom), for the corpus test.

Reads lines of JSON {"original": path, "output": path, "changed": [path, ...]} from standard input and writes one line each:
{"original": path, "problems": [text, ...]}. `changed` holds the receipt's paths; what is not on it must be byte-identical.
"""
import json
import re
import sys
import warnings

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.uid import UID

warnings.simplefilter("ignore")

# Identify a class or a coding scheme, not an instance: kept (PS3.15 E.1.1 replaces UIDs of instances).
CLASS_UIDS = {0x00080016, 0x0008001A, 0x0008001B, 0x00081150, 0x0008010C, 0x00080117, 0x00080118}
# Words that stand in names of the corpus and are no names: a maker, a word of the field, what other tools write.
NO_NAMES = {"philips", "compression", "unknown", "removed", "anonymous", "anonymized"}

PIXELS = {0x7FE00008, 0x7FE00009, 0x7FE00010}


def read(path):
    return pydicom.dcmread(path, force=True)


def raw(element):
    return element.value if isinstance(element, RawDataElement) else None


def elements(dataset):
    """Top-level elements by tag as they were read, undecoded where pydicom has not looked at them."""
    return {int(tag): dataset.get_item(tag) for tag in dataset.keys()}


def tag_text(tag):
    return "(%04X,%04X)" % (tag >> 16, tag & 0xFFFF)


def identifiers(dataset):
    """Identifying tokens of the original, with where they come from: names, ids, dates, UIDs, accession numbers."""
    found = {}
    for element in dataset.iterall():
        try:
            values = element.value
        except Exception:
            continue
        if values is None or element.VR == "SQ":
            continue
        if not isinstance(values, (list, pydicom.multival.MultiValue)):
            values = [values]
        for value in values:
            text = str(value).strip()
            if element.VR == "UI" and element.tag not in CLASS_UIDS:
                if UID(text).name == text and len(text) > 14 and not text.startswith("1.2.840.10008."):
                    found[text] = "UI " + tag_text(element.tag)
            elif element.VR in ("DA", "DT"):
                if re.match(r"^(19|20)\d{6}", text) and not text.startswith(("19000101", "19700101")):
                    found[text[:8]] = element.VR + " " + tag_text(element.tag)
            elif element.VR == "PN":
                for part in re.split(r"[\^= ,]+", text):
                    if len(part) >= 5 and not part.isdigit() and part.lower() not in NO_NAMES:
                        found[part] = "PN " + tag_text(element.tag)
            elif element.tag in (0x00100020, 0x00080050, 0x00101000) and len(text) >= 5 and text.lower() not in NO_NAMES:
                found[text] = tag_text(element.tag)
    return found


def header_bytes(path, dataset):
    """The bytes of a file without its top-level pixel data, so that a chance hit in pixels does not count."""
    with open(path, "rb") as file:
        content = file.read()
    for tag in PIXELS:
        item = dataset.get_item(tag) if tag in dataset else None
        value = raw(item) if item is not None else None
        if value and len(value) > 64:
            content = content.replace(bytes(value), b"")
    return content


def compare(job):
    problems = []
    before, after = read(job["original"]), read(job["output"])
    changed = {path.split(".")[0].split("[")[0] for path in job["changed"]}
    old, new = elements(before), elements(after)
    for tag, item in new.items():
        if tag_text(tag) in changed or tag not in old:
            continue
        one, two = raw(old[tag]), raw(item)
        if one is not None and two is not None and bytes(one) != bytes(two):
            problems.append("kept element differs: " + tag_text(tag))
    for tag in old:
        if tag not in new and tag_text(tag) not in changed and tag & 0xFFFF != 0 and tag >> 16 != 2:
            problems.append("removed without a word in the receipt: " + tag_text(tag))
    for tag in PIXELS:
        if tag in old and tag_text(tag) not in changed and (tag not in new or raw(old[tag]) != raw(new[tag])):
            problems.append("pixel data differs")
    content = header_bytes(job["output"], after)
    for token, where in identifiers(before).items():
        for encoding in ("utf-8", "latin-1"):
            try:
                if token.encode(encoding) in content:
                    problems.append("identifier of the original found: " + where)
                    break
            except UnicodeEncodeError:
                continue
    return problems


for line in sys.stdin:
    job = json.loads(line)
    try:
        problems = compare(job)
    except Exception as error:  # a file that pydicom cannot read is told, not hidden
        problems = ["pydicom: %s: %s" % (type(error).__name__, error)]
    print(json.dumps({"original": job["original"], "problems": problems}), flush=True)
