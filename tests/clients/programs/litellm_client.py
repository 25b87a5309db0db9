import base64
import os
from pathlib import Path

import litellm

server = {"api_key": os.environ["OPENAI_API_KEY"], "api_base": os.environ["OPENAI_BASE_URL"]}
messages = [{"role": "user", "content": "Hey, how's it going?"}]

response = litellm.completion(model="openai/gpt-4o", messages=messages, **server)
print(response.choices[0].message.content)
for chunk in litellm.completion(model="openai/gpt-4o", messages=messages, stream=True, **server):
    print(chunk.choices[0].delta.content or "", end="")
picture = litellm.image_generation(model="openai/gpt-image-1", prompt="A cute baby sea otter", **server)
Path("otter.png").write_bytes(base64.b64decode(picture.data[0].b64_json))
