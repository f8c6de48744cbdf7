"""The simulated production: a clock over 2013 and the data that lands every night."""
