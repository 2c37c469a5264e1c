"""Pictures: plotly figures of nets and of how they learned."""
