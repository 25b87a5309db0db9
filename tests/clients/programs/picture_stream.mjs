import fs from "node:fs";
import OpenAI from "openai";

const client = new OpenAI();
const stream = await client.images.generate({
  model: "gpt-image-1",
  prompt: "A river of white owl feathers through a winter forest",
  stream: true,
  partial_images: 2,
});
for await (const event of stream) {
  console.log(event.type);
  if (event.type === "image_generation.completed") {
    fs.writeFileSync("river.png", Buffer.from(event.b64_json, "base64"));
  }
}
