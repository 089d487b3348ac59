"""Reads the event files of a run as TensorBoard does: one JSON object with scalars and pictures, by tag.

A scalar is [step, value], a picture [step, width, height, its file as hexadecimal digits].
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0})
events.Reload()
tags = events.Tags()
scalars = {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in tags["scalars"]}
images = {
    tag: [[event.step, event.width, event.height, event.encoded_image_string.hex()] for event in events.Images(tag)]
    for tag in tags["images"]
}
walls = [event.wall_time for tag in tags["scalars"] for event in events.Scalars(tag)]
json.dump({"scalars": scalars, "images": images, "walls": [min(walls), max(walls)]}, sys.stdout)
