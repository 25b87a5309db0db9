from openai import OpenAI

client = OpenAI()
completion = client.chat.completions.create(
    model="gpt-4o",
    messages=[
        {"role": "developer", "content": "Talk like a sailor."},
        {"role": "user", "content": "How far is it to the island?"},
    ],
)
print(completion.choices[0].message.content)
