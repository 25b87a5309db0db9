import base64
from pathlib import Path

from openai import OpenAI

client = OpenAI()
result = client.images.generate(
    model="gpt-image-1", prompt="A children's book drawing of an otter", output_format="webp", output_compression=50
)
assert result.data
Path("otter.webp").write_bytes(base64.b64decode(result.data[0].b64_json or ""))
