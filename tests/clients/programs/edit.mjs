import fs from "node:fs";
import OpenAI, { toFile } from "openai";

const client = new OpenAI();
const photo = await toFile(fs.createReadStream("photo.png"), null, { type: "image/png" });
const result = await client.images.edit({ model: "gpt-image-1", image: [photo], prompt: "Make it night" });
fs.writeFileSync("night.png", Buffer.from(result.data[0].b64_json, "base64"));
