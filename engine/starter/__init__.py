"""The bundled small models, and the code that trains them on scenes that it draws itself."""
