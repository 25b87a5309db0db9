import OpenAI from "openai";

const client = new OpenAI();
const completion = await client.chat.completions.create({
  model: "gpt-4o",
  messages: [
    { role: "developer", content: "Talk like a sailor." },
    { role: "user", content: "How far is it to the island?" },
  ],
});
console.log(completion.choices[0].message.content);
