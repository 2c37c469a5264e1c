"""The command `slownet`, and `python -m slownet`; Ctrl-C ends it quietly while it is loading, too."""


def main() -> int:
    """Run the command line; see `slownet.cli.main`."""
    try:
        from slownet import cli

        return cli.main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
