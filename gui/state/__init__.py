"""Parts of the session: its state and the verbs that change it, without widgets."""
