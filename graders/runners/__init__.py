"""The only place that awaits, spawns or opens sockets: it performs the jobs of graders."""
