"""Every change of state. A public function is one transaction; commands never import each other."""
