deploy:  ## Show what would change in the cluster, ask, apply, watch, and go back when it does not come up (YES=1: do not ask)
	$(PYTHON) scripts/deploy.py $(if $(YES),--yes)

