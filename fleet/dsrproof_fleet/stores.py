"""Streams a file of any store that Hadoop reads into a program, on an executor."""

import glob
import os

from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
from py4j.protocol import Py4JJavaError
from pyspark import SparkFiles
from pyspark.find_spark_home import _find_spark_home

_gateway = None


class StoreError(Exception):
    """A store does not give a file."""


def copy(url, descriptor, options):
    """Writes the file to a pipe of this process. The bytes go from Java to the pipe: none of them are in Python."""
    java = _java().jvm
    configuration = java.org.apache.hadoop.conf.Configuration()
    for key, value in options:
        configuration.set(key, value)
    try:
        path = java.org.apache.hadoop.fs.Path(url)
        source = path.getFileSystem(configuration).open(path)
        pipe = java.java.io.FileOutputStream(f"/proc/{os.getpid()}/fd/{descriptor}")
        java.org.apache.hadoop.io.IOUtils.copyBytes(source, pipe, 1 << 16, True)
    except Py4JJavaError as error:
        raise StoreError(error.java_exception.toString()) from error


def _java():
    """One Java for each Python worker, which ends with it: Spark gives its own to the driver alone."""
    global _gateway
    if _gateway is None:
        jars = os.path.join(_find_spark_home(), "jars")
        folders = [jars, SparkFiles.getRootDirectory()]
        configured = os.environ.get("HADOOP_CONF_DIR")
        port, token = launch_gateway(
            jarpath=glob.glob(os.path.join(jars, "py4j-*.jar"))[0],
            classpath=os.pathsep.join(([configured] if configured else []) + [f"{folder}/*" for folder in folders]),
            java_path=None,
            javaopts=["-Xmx256m"],
            die_on_exit=True,
            enable_auth=True,
        )
        _gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token, auto_convert=True))
    return _gateway
