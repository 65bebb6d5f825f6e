IMAGE, ROW = (2, 5, 6, 4), (3, 7)
