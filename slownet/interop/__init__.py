"""What other libraries work with: `slownet.interop.sklearn` has estimators of scikit-learn."""

__all__: list[str] = []  # its packages need packages of their own: they are imported by name
