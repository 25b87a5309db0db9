from openai import OpenAI

client = OpenAI()
for model in client.models.list():
    print(client.models.retrieve(model.id).to_json(indent=None))
