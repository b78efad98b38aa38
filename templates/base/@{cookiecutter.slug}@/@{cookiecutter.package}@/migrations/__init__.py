"""The steps by which the tables of the store came about; each can be taken back."""
