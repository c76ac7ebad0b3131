"""One optimizer step, looked into moment by moment on the stage."""
