import fs from "node:fs";
import OpenAI from "openai";

const client = new OpenAI();
const result = await client.images.generate({
  model: "gpt-image-1",
  prompt: "A children's book drawing of an otter",
  output_format: "jpeg",
});
fs.writeFileSync("otter.jpg", Buffer.from(result.data[0].b64_json, "base64"));
