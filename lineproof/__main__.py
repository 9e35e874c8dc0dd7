"""`python -m lineproof` is the same as `lineproof`."""

from lineproof.cli.main import main

if __name__ == "__main__":
    main()
