"""Writes and reads vector files: safetensors with one vector a tensor, in plain Python, without any package.

Names of tensors:

    image/<sample id>/<sensor>   what an image encoder says to one sensor's image of a scene
    scene/<sample id>            what a text encoder says to the scene's caption
    class/<class name>           what a text encoder says to a class's name

Sample ids, sensors and class names are those that `fusionscope dataset check FOLDER` knows. All vectors have one length; they
need not be of length one in space, for only their directions are compared. Types: F32 or F16.
"""

import json
import struct

CODES = {"F32": ("f", 4), "F16": ("e", 2)}


def write_vectors(path, vectors, dtype="F16", **about):
    """Writes {name: numbers}; `about` becomes the file's metadata, for people."""
    code, size = CODES[dtype]
    if len({len(vector) for vector in vectors.values()}) > 1:
        raise ValueError("vectors of one file must have one length")
    header, data = {"__metadata__": {key: str(value) for key, value in about.items()}}, []
    end = 0
    for name in sorted(vectors):
        numbers = [float(number) for number in vectors[name]]
        begin, end = end, end + size * len(numbers)
        header[name] = {"dtype": dtype, "shape": [len(numbers)], "data_offsets": [begin, end]}
        data.append(struct.pack(f"<{len(numbers)}{code}", *numbers))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def read_vectors(path):
    """What was written: {name: list of numbers}, and the metadata."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    about = header.pop("__metadata__", {})
    vectors = {}
    for name, entry in header.items():
        code, size = CODES[entry["dtype"]]
        begin, end = entry["data_offsets"]
        vectors[name] = list(struct.unpack(f"<{(end - begin) // size}{code}", data[begin:end]))
    return vectors, about
