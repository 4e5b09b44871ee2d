from model_files import empty_cache, ldm_weights, no_network, own_folder, tiny_folder, tiny_sd15, write_single_file

__all__ = ["empty_cache", "ldm_weights", "no_network", "own_folder", "tiny_folder", "tiny_sd15", "write_single_file"]
