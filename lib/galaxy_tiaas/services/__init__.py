"""Operations: who may do them, what they do, one commit. Pages, API and command line call the same ones."""
