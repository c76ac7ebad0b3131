"""The tour: what the window is, shown at four stops on the very first start."""
