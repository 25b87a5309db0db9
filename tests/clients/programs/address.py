from openai import OpenAI

client = OpenAI()
response = client.images.generate(
    model="dall-e-3", prompt="a white siamese cat", n=1, quality="standard", response_format="url"
)
assert response.data
print(response.data[0].url)
