"""`limner doctor`: checks everything that Limner needs, and says for each check the verdict and the remedy."""

from bot.cli.doctor.run_checks import doctor

__all__ = ["doctor"]
