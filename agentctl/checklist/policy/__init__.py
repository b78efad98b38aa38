"""From the verdicts of the checks to the answer: profile, waivers, attestations, baseline, figures and gates."""
