from openai import BadRequestError, OpenAI

client = OpenAI()
try:
    client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": "What is the weather in Oslo?"}],
        tools=[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}],
    )
except BadRequestError as error:
    print(error.param)
