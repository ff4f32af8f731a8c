"""``affectcam bench``: what each stage costs here, beside a yardstick that is measured in the same minute."""
