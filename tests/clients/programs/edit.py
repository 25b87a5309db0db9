import base64
from pathlib import Path

from openai import OpenAI

client = OpenAI()
with Path("photo.png").open("rb") as photo:
    result = client.images.edit(model="gpt-image-1", image=[photo], prompt="Make it night", input_fidelity="low")
assert result.data
Path("night.png").write_bytes(base64.b64decode(result.data[0].b64_json or ""))
