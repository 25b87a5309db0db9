"""`limner doctor`: looks at everything that Limner needs, and says of each what is well and what to do."""

from bot.cli.doctor.examine import doctor

__all__ = ["doctor"]
