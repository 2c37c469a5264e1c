"""What other libraries work with: `slownet.interop.sklearn` has estimators of scikit-learn."""
