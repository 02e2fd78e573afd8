/**
 * Environment variables that Python processes inherit from the server: `NAME`, or `PREFIX_*` for all that start so. Everything else
 * stays with the server, because its environment may contain credentials that a training has no use for.
 */
const INHERITED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'LC_*', 'TZ', 'TMPDIR', 'TMP', 'TEMP'],
  ...['PYTHON*', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'LD_LIBRARY_PATH', 'DYLD_*'],
  ...['CUDA_*', 'CUDNN_*', 'CUBLAS_*', 'NVIDIA_*', 'NCCL_*', 'HIP_*', 'ROCR_*', 'ROCM_*', 'HSA_*', 'GPU_DEVICE_ORDINAL'],
  // Settings of libraries that use GPUs, such as how much memory they reserve. Not TF_*, in which Terraform has its secrets.
  ...['XLA_*', 'JAX_*', 'TF_FORCE_GPU_ALLOW_GROWTH', 'TF_GPU_ALLOCATOR', 'TRITON_*', 'TORCHINDUCTOR_*'],
  // Parameters of Open MPI, without which some installations cannot start: Lightning starts it where mpi4py is installed.
  ...['OMPI_MCA_*', 'PMIX_MCA_*', 'PRTE_MCA_*'],
  ...['OMP_*', 'GOMP_*', 'KMP_*', 'MKL_*', 'OPENBLAS_*', 'BLIS_*', 'VECLIB_*', 'NUMEXPR_*', 'TORCH_*', 'PYTORCH_*'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'FTP_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['http_proxy', 'https_proxy', 'all_proxy', 'ftp_proxy', 'no_proxy', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
  ...['TRAINYARD_SIMULATION_STEP_SECONDS', 'TRAINYARD_CAPTURE', 'TRAINYARD_SYSTEM_METRICS_SECONDS'],
];

/**
 * The part of the server's environment that its Python processes may see.
 * @param alsoInherited more names, or prefixes that end with `*`
 */
export function inheritedEnvironment(
  environment: Readonly<NodeJS.ProcessEnv>,
  alsoInherited: readonly string[] = [],
): NodeJS.ProcessEnv {
  const rules = [...INHERITED, ...alsoInherited];
  const names = new Set(rules.filter((rule) => !rule.endsWith('*')));
  const prefixes = rules.filter((rule) => rule.endsWith('*')).map((rule) => rule.slice(0, -1));
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix)),
    ),
  );
}
