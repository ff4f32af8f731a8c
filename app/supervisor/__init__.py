"""The first process of a call: it has the virtual camera, and begins anew what feeds it when that has crashed."""
