"""What the checks can read of a request: small tables for English, Chinese, Spanish, Japanese and German."""
