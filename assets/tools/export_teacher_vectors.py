"""Makes the file of teacher vectors that Any2Seg distils from (L_cr, and with class names L_se).

    fusionscope dataset list FOLDER --json > samples.json
    python3 export_teacher_vectors.py samples.json vectors.safetensors --model languagebind --captions captions.tsv
    fusionscope train any2seg --data FOLDER --set objective.language.vectors=vectors.safetensors

Models:

    languagebind                    the paper's teacher. Colour, event and LiDAR images go through its image tower, which is an
                                    untouched CLIP; depth and thermal images through theirs (--towers image sends all through one)
    open_clip:NAME/WEIGHTS          for example open_clip:ViT-B-32/laion2b_s34b_b79k
    transformers:NAME               for example transformers:openai/clip-vit-base-patch32

`captions.tsv` holds `sample id <tab> caption`, one a line; the paper lets LLaMA-Adapter write them from the images and the class
names. Samples without a caption get no vector, and then no say. `--made` writes made-up vectors, to try a training out.
"""

import argparse
import hashlib
import json
import random

from vector_file import write_vectors

BATCH = 32
LENGTH_MADE = 64


def captions_from(path):
    """{sample id: caption}."""
    with open(path, encoding="utf-8") as file:
        rows = (line.rstrip("\n").split("\t", 1) for line in file if line.strip())
        return {row[0]: row[1] for row in rows if len(row) == 2 and row[1].strip()}


def picture(path):
    """An 8-bit colour image of any sensor's file: what has other values is stretched from its smallest to its largest."""
    from PIL import Image

    image = Image.open(path)
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        image = image.convert("F")
        low, high = image.getextrema()
        image = image.point(lambda value: (value - low) * (255.0 / max(high - low, 1e-9)))
    return image.convert("RGB")


class Made:
    """Vectors that follow from the words alone: the same on every machine."""

    name = "made up"

    def texts(self, texts):
        return [self.vector(text) for text in texts]

    def images(self, sensor, kind, paths):
        return [self.vector(f"{sensor} {path.rsplit('/', 1)[-1]}") for path in paths]

    def vector(self, text):
        numbers = random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))
        return [numbers.gauss(0.0, 1.0) for _ in range(LENGTH_MADE)]


class OpenClip:
    def __init__(self, name, device):
        import open_clip

        architecture, _, weights = name.partition("/")
        self.name, self.device = f"open_clip {name}", device
        self.model, _, self.prepare = open_clip.create_model_and_transforms(architecture, pretrained=weights or None)
        self.model, self.tokenize = self.model.to(device).eval(), open_clip.get_tokenizer(architecture)

    def texts(self, texts):
        return self.model.encode_text(self.tokenize(texts).to(self.device)).float().tolist()

    def images(self, sensor, kind, paths):
        import torch

        batch = torch.stack([self.prepare(picture(path)) for path in paths])
        return self.model.encode_image(batch.to(self.device)).float().tolist()


class Transformers:
    def __init__(self, name, device):
        from transformers import AutoModel, AutoProcessor

        self.name, self.device = f"transformers {name}", device
        self.model, self.processor = AutoModel.from_pretrained(name).to(device).eval(), AutoProcessor.from_pretrained(name)

    def texts(self, texts):
        inputs = self.processor(text=texts, padding=True, truncation=True, return_tensors="pt").to(self.device)
        return self.plain(self.model.get_text_features(**inputs))

    def images(self, sensor, kind, paths):
        inputs = self.processor(images=[picture(path) for path in paths], return_tensors="pt").to(self.device)
        return self.plain(self.model.get_image_features(**inputs))

    def plain(self, features):
        # Newer versions hand out an object, older ones the tensor.
        return getattr(features, "pooler_output", features).float().tolist()


class LanguageBind:
    def __init__(self, towers, device):
        from languagebind import LanguageBind as Model
        from languagebind import LanguageBindImageTokenizer, to_device, transform_dict

        types = {"image": "LanguageBind_Image", "depth": "LanguageBind_Depth", "thermal": "LanguageBind_Thermal"}
        self.types = types if towers == "own" else {"image": types["image"]}
        self.name, self.device, self.to_device = "LanguageBind", device, to_device
        self.model = Model(clip_type=self.types, cache_dir="./cache_dir").to(device).eval()
        self.tokenize = LanguageBindImageTokenizer.from_pretrained("LanguageBind/LanguageBind_Image")
        self.prepare = {tower: transform_dict[tower](self.model.modality_config[tower]) for tower in self.types}

    def texts(self, texts):
        tokens = self.tokenize(texts, max_length=77, padding="max_length", truncation=True, return_tensors="pt")
        return self.model({"language": self.to_device(tokens, self.device)})["language"].float().tolist()

    def images(self, sensor, kind, paths):
        tower = kind if kind in self.types else "image"
        inputs = {tower: self.to_device(self.prepare[tower](paths), self.device)}
        return self.model(inputs)[tower].float().tolist()


def model_of(arguments):
    if arguments.made:
        return Made()
    family, _, name = arguments.model.partition(":")
    if family == "languagebind":
        return LanguageBind(arguments.towers, arguments.device)
    return {"open_clip": OpenClip, "transformers": Transformers}[family](name, arguments.device)


def batches(items):
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def vectors_of(listing, captions, model, prompt, splits):
    """{tensor name: numbers} of every sample that has a caption, and of every class."""
    vectors = {}
    for some in batches(listing["classes"]):
        found = model.texts([prompt.replace("{name}", name) for name in some])
        vectors.update((f"class/{name}", vector) for name, vector in zip(some, found))
    samples = [sample for sample in listing["samples"] if sample["id"] in captions and sample["split"] in splits]
    for some in batches(samples):
        found = model.texts([captions[sample["id"]] for sample in some])
        vectors.update((f"scene/{sample['id']}", vector) for sample, vector in zip(some, found))
        for sensor, kind in listing["sensors"].items():
            found = model.images(sensor, kind, [sample["files"][sensor] for sample in some])
            vectors.update((f"image/{sample['id']}/{sensor}", vector) for sample, vector in zip(some, found))
    return vectors, len(samples)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", help="what `fusionscope dataset list FOLDER --json` printed")
    parser.add_argument("out")
    parser.add_argument("--model", default="languagebind")
    parser.add_argument("--towers", choices=["own", "image"], default="own")
    parser.add_argument("--captions", help="sample id, tab, caption; one a line")
    parser.add_argument("--prompt", default="{name}", help="what is made of a class name; the paper uses the bare name")
    parser.add_argument("--splits", default="train", help="with commas between; distillation looks at training samples only")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--made", action="store_true", help="made-up vectors")
    arguments = parser.parse_args()
    with open(arguments.samples, encoding="utf-8") as file:
        listing = json.load(file)
    if arguments.captions:
        captions = captions_from(arguments.captions)
    elif arguments.made:
        captions = {sample["id"]: f"a scene called {sample['id']}" for sample in listing["samples"]}
    else:
        parser.error("--captions names no file; without captions no scene has a say")
    model, splits = model_of(arguments), arguments.splits.split(",")
    if arguments.made:
        vectors, count = vectors_of(listing, captions, model, arguments.prompt, splits)
    else:
        import torch

        with torch.inference_mode():
            vectors, count = vectors_of(listing, captions, model, arguments.prompt, splits)
    write_vectors(arguments.out, vectors, "F16", encoder=model.name, prompt=arguments.prompt, scenes=count)
    print(f"{count} scenes, {len(listing['classes'])} classes: {arguments.out}")


if __name__ == "__main__":
    main()
