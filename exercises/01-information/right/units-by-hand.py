"""
problem: units
what: Numbers from a pocket calculator, rounded to four digits.
"""

ferry = {
    "H(X)": 1.5,
    "H(Y)": 0.9841,
    "H(X,Y)": 2.4274,
    "H(Y|X)": 0.6428,
    "I(X;Y)": 0.4923,
    "H(Y|X=x)": (0.5436, 1.5613, 1.0613),
}
