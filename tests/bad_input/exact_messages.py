"""The exact message for each mistake: by the words of a command line, or by overrides of the shipped configuration."""

from neural_sculpting.config.schemas import READERS

TASKS = (
    "boolean_hierarchy, boolean_overlap, boolean_reused, boolean_sep, boolean_sep_reused, boolean_single, "
    "digits_channels, digits_pair, digits_xor, factors, function, graph, images, induction, mnist_pair, mnist_xor, "
    "random_hierarchy, rhm, sequences, streams_hier, streams_lag, streams_sep, table, truth_table, unstructured"
)
KEYS = (
    "task, network, arch, seed, training, pruning, analysis, selection, consensus_window, simplest_window, nulls, "
    "objective, pictures, picture_weights, report, resume, tags, trainer, logger"
)
STEP = "must be a percentage above 0 and below 100, or a list of different ones"
SHARE = "must be a number from 0 to 1"
OF_EDGES = "magnitude, relative_magnitude, weight_gradient, random"
ARCH_KEYS = "name, hidden, layers, width, heads, mlp, norm, causal, positions, channels, kernel, dense, own"
HIDDEN = (
    "must be a list of widths, one whole number of units, 1 or more, for each hidden layer, "
    "or null for those of network"
)
NETWORK = (
    "must be the path of a file with a trained network, .pt, .pth, .ckpt, .safetensors or .onnx, a trial of a sweep as "
    "<folder>@<seed>, or null for new ones"
)
SEED = "must be a whole number from 0 to 4294967295"
TAGS = "must be a list of words of at most 64 characters"
TABLE = "a CSV (.csv, .tsv, .csv.gz), Parquet (.parquet) or NumPy file (.npz)"
SOURCE = "a folder of IDX files, openml (downloads MNIST) or digits (comes with scikit-learn)"
TRAINING = "lr, batch_size, epochs, input_noise, weight_decay, class_weights, dense_rounds, pruning_lr"
NEEDS_TWO = "needs at least 2 in every hidden layer (one for each separate module)"
OWN = "or the import path of your own function"
SWEEP = "a sweep needs -m (--multirun); a list is written in brackets, as in [1,2]"

COMMANDS = {
    "task=boolean_overlap task.foo=7": "task.foo: unknown key; task boolean_overlap allows overlap, uses",
    "task=digits_pair task.uses=7": (
        "task.uses: unknown key; task digits_pair allows "
        "source, per_pair, validation_per_pair, test_per_pair, data_seed, gap"
    ),
    "task=foo": f"task=foo: no such option; available: {TASKS}",
    "task=boolean_overlap task.overlap=7": "task.overlap=7: must be an integer from 0 to 4",
    "task=truth_table": f"task.path: missing; task truth_table needs {TABLE}",
    "task=table task.path=t.csv task.outputs=a,b": f"task.outputs=a,b: {SWEEP}",
    "task=null": "task=null: Config group override must be a string or a list. Got NoneType",
    "foo=1": f"foo: unknown key; the configuration allows {KEYS}",
    "+foo=1": f"foo: unknown key; the configuration allows {KEYS}",
    "training.foo=1": f"training.foo: unknown key; training allows {TRAINING}",
    "training={foo:1}": f"training.foo: unknown key; training allows {TRAINING}",
    "hydra.foo=1": "hydra.foo: Key 'foo' not in 'HydraConf'",
    "~arch": f"arch: missing key; it must be a group with the keys {ARCH_KEYS}",
    "~training.input_noise": "training.input_noise: missing key; it must be a number, 0 or larger",
    "pruning.unit.step=-5": f"pruning.unit.step=-5: {STEP}",
    "arch.hidden=24,36": f"arch.hidden=24,36: {SWEEP}",
    "seed=range(36)": f"seed=range(36): {SWEEP}",
    "-m seed=range(0)": "seed=range(0): a sweep over nothing",
    "-m seed=range(1000000)": "seed=range(1000000): 1000000 jobs; a sweep may have at most 50000",
    "-m seed=shuffle(range(1000000000000))": (
        "seed=shuffle(range(1000000000000)): 1000000000000 jobs; a sweep may have at most 50000"
    ),
    "-m training.lr=range(1,10,1e-9)": "training.lr=range(1,10,1e-9): 9000000000 jobs; a sweep may have at most 50000",
    "-m seed=range(1000) training.epochs=range(1,1000)": (
        "seed=range(1000) training.epochs=range(1,1000): 999000 jobs; a sweep may have at most 50000, divide it into "
        "several"
    ),
    **{
        f"{flag}{key}=range({ends})": f"{key}=range({ends}): has no end; must be finite numbers, and its step not 0"
        for flag, key, ends in (
            *(("-m ", "seed", "0,5,0"), ("", "seed", "0,5,0"), ("-m ", "seed", "0,5,nan")),
            *(("-m ", "training.lr", "0.1,inf"), ("-m ", "pruning.unit.step", "1,9,0.0"), ("-m ", "seed", "-inf,0")),
        )
    },
    "-m training.lr=interval(0,1)": (
        "training.lr=interval(0,1): only sweepers that search can take it; must list its values"
    ),
    "-m hydra.verbose=true,false": "hydra.verbose=true,false: Hydra's own settings cannot be swept",
    "-m task=boolean_overlap,boolean_sep task.overlap=1": "task.overlap: unknown key; the task has no such parameter",
    "-m seed=0,-1": f"seed=-1: {SEED}",
    "-m seed=1,2,1": "seed=1,2,1: 1 appears more than once; every job needs its own",
    "arch=[24]": (
        "arch=[24]: arch takes the name of an option "
        "(cnn, digits, measured, mlp, mnist, own, residual_mlp, transformer, two_layers); "
        f"values belong to its keys ({', '.join(f'arch.{key}' for key in ARCH_KEYS.split(', '))})"
    ),
    "seed=${foo}": "seed: Interpolation key 'foo' not found",
    "seed": "seed: must have the form key=value",
    "tags=[a,ü]": "tags=[a,ü]: text that is not ASCII needs quotes within those of the shell: \"tags=[a,'ü']\"",
    "arch.hidden=[24": "arch.hidden=[24: cannot be read (no viable alternative at input '[24')",
    "debug=foo": "debug=foo: no such option; available: default",
    "logger=foo": "logger=foo: no such option; available: csv, none, wandb",
    "hydra/launcher=foo": (
        "hydra/launcher=foo: no such option; available: basic, batch, joblib, submitit_local, submitit_slurm"
    ),
    "-m seed=0,1 hydra.launcher.executor=foo": "hydra.launcher.executor=foo: must be inline, processes or slurm",
    "-m seed=0,1 hydra.launcher.workers=0": (
        "hydra.launcher.workers=0: must be a whole number of processes or jobs at a time, 1 or more, or null for as "
        "many as there is room for"
    ),
    "-m seed=0,1 hydra.launcher.workers=many": (
        "hydra.launcher.workers: Value 'many' of type 'str' could not be converted to Integer"
    ),
    "resume=true": (
        "resume=true: multirun_outputs contains no run of this command "
        "(looked for boolean_sep_e3b0c442_1, boolean_sep_e3b0c442_2, …)"
    ),
    "-cn foo": "foo: no such configuration file or group",
    "-cd foo": "--config-dir foo: no such folder",
    "--foo": "--foo: unknown flag; --help shows what is allowed",
    "--cfg job training.foo=1": f"training.foo: unknown key; training allows {TRAINING}",
    "--cfg job -m": "argument -m/--multirun: not allowed with argument -c/--cfg; --help shows what is allowed",
}

VALUES = {
    "task.name=null": "task.name=null: must be the name of a task",
    "task.name=foo": f"task.name=foo: unknown task; available: {TASKS}",
    "task.overlap=1": "task.overlap: unknown key; task boolean_sep has no parameters",
    "+pruning.unit.foo=1": (
        "pruning.unit.foo: unknown key; pruning.unit allows criterion, step, limit, schedule, slack, halvings"
    ),
    "pruning.edge.step=0": f"pruning.edge.step=0: {STEP}",
    "pruning.unit.step=100": f"pruning.unit.step=100: {STEP}",
    "pruning.unit.step=[70,100]": f"pruning.unit.step=[70, 100]: {STEP}",
    "pruning.unit.step=[]": f"pruning.unit.step=[]: {STEP}",
    "pruning.unit.step=nan": f"pruning.unit.step=nan: {STEP}",
    "pruning.accuracy_drop=0.02": (
        "pruning.accuracy_threshold=1 and pruning.accuracy_drop=0.02: one of them must be a number from 0 to 1, "
        "the other null"
    ),
    "pruning.accuracy_threshold=null": (
        "pruning.accuracy_threshold=null and pruning.accuracy_drop=null: one of them must be a number from 0 to 1, "
        "the other null"
    ),
    "pruning.standard_errors=-1": "pruning.standard_errors=-1: must be a number, 0 or larger",
    "pruning.accuracy_threshold=1.2": f"pruning.accuracy_threshold=1.2: {SHARE}, or null where accuracy_drop counts",
    "pruning.accuracy_threshold=-0.1": f"pruning.accuracy_threshold=-0.1: {SHARE}, or null where accuracy_drop counts",
    "pruning.accuracy_threshold=nan": f"pruning.accuracy_threshold=nan: {SHARE}, or null where accuracy_drop counts",
    "pruning.accuracy_by=pixels": "pruning.accuracy_by=pixels: must be auto, bits, examples or balanced",
    "pruning.accuracy_drop=2": (
        "pruning.accuracy_drop=2: must be a number from 0 to 1, or null where accuracy_threshold counts"
    ),
    "analysis.merging_threshold=inf": f"analysis.merging_threshold=inf: {SHARE}",
    "analysis.hops=0": "analysis.hops=0: must be a whole number of layers, 1 or more, or null for all later layers",
    "pruning.unit.criterion=foo": (f"pruning.unit.criterion=foo: must be loss_sensitivity, magnitude, random, {OWN}"),
    "pruning.edge.criterion=loss_sensitivity": (f"pruning.edge.criterion=loss_sensitivity: must be {OF_EDGES}, {OWN}"),
    "pruning.edge.criterion=no_such_module.function": (
        "pruning.edge.criterion=no_such_module.function: cannot be imported (ModuleNotFoundError: "
        f"No module named 'no_such_module'); must be {OF_EDGES}, {OWN}"
    ),
    "arch.hidden=[]": f"arch.hidden=[]: {HIDDEN}",
    "arch.hidden=null": f"arch.hidden=null: {HIDDEN}",
    "network=3": f"network=3: {NETWORK}",
    "network=''": f"network='': {NETWORK}",
    "network={file:a.pt}": "network=a.pt: no such file in {folder}",
    "network={file:null,foo:b}": f"network={{file: null, foo: b}}: {NETWORK}",
    "network=no/where.pt": "network=no/where.pt: no such file in {folder}",
    "network=a.txt@b": (
        "network=a.txt@b: must be a state dict or checkpoint (.pt, .pth, .ckpt or .safetensors) or an ONNX file "
        "(.onnx), or a trial of a sweep, <its folder>@<seed>"
    ),
    "pruning.reopen=all": "pruning.reopen=all: there is no network to start from; must be null",
    "network=a.txt": (
        "network=a.txt: must be a state dict or checkpoint (.pt, .pth, .ckpt or .safetensors) or an ONNX file (.onnx)"
    ),
    "arch.hidden=[0]": f"arch.hidden=[0]: {HIDDEN}",
    "arch.hidden=24": f"arch.hidden=24: {HIDDEN}",
    "arch.hidden=[24.5]": f"arch.hidden=[24.5]: {HIDDEN}",
    "arch.hidden=[1]": (f"arch.hidden=[1]: layer 1 has 1 unit, boolean_sep {NEEDS_TWO}"),
    "seed=-1": f"seed=-1: {SEED}",
    "seed=1.5": f"seed=1.5: {SEED}",
    "seed=abc": f"seed=abc: {SEED}",
    "seed='3.5'": f"seed='3.5': is text, which ${{oc.decode:…}} reads; {SEED}",
    "arch.hidden='[24,24]'": f"arch.hidden='[24,24]': is text, which ${{oc.decode:…}} reads; {HIDDEN}",
    "seed=true": f"seed=true: {SEED}",
    "seed=4294967296": f"seed=4294967296: {SEED}",
    "training.lr=0": "training.lr=0: must be a number above 0, or null for the paper's value",
    "training.lr=inf": "training.lr=inf: must be a number above 0, or null for the paper's value",
    "training.epochs=0": (
        "training.epochs=0: must be a whole number from 1 to 2147483647, or null for the paper's value"
    ),
    "training.batch_size=0": (
        "training.batch_size=0: must be a whole number of rows from 1 to 2147483647, or null for the paper's value"
    ),
    "training.input_noise=-1": "training.input_noise=-1: must be a number, 0 or larger",
    "logger.kind=foo": "logger.kind=foo: must be csv, wandb or none",
    "logger.runs=foo": "logger.runs=foo: must be sweep or trial",
    "trainer.accelerator=tpu": "trainer.accelerator=tpu: must be auto, cpu, gpu or cuda",
    "trainer.precision=fp16": "trainer.precision=fp16: must be fp32, tf32 or bf16",
    "trainer.threads=0": (
        "trainer.threads=0: must be a whole number of threads from 1 to 1024, or null to fit the networks"
    ),
    "selection=densest": "selection=densest: must be sparsest, consensus, simplest or finest",
    "resume=1": "resume=1: must be true, the folder of an earlier run, or null",
    "objective=loss": "objective=loss: must be success, agreement, accuracy or density",
    "pictures=some": "pictures=some: must be best, all or none",
    "training.foo=1": f"training.foo: unknown key; training allows {TRAINING}",
    "arch=null": f"arch=null: must be a group with the keys {ARCH_KEYS}",
    "~analysis": (
        "analysis: missing key; it must be a group with the keys reader, hops, merging_threshold, modularity_threshold"
    ),
    "~training.lr": "training.lr: missing key; it must be a number above 0, or null for the paper's value",
    "arch.hidden='24\n36'": f"arch.hidden=24 36: {HIDDEN}",
    f"arch.hidden=[{','.join('0' * 99)}]": f"arch.hidden=[{26 * '0, '}…: {HIDDEN}",
    "arch.hidden=[24,1]": f"arch.hidden=[24, 1]: layer 2 has 1 unit, boolean_sep {NEEDS_TWO}",
    "trainer.progress_bar=yes": "trainer.progress_bar=yes: must be true or false",
    "training.lr={a:true}": "training.lr={a: true}: must be a number above 0, or null for the paper's value",
    "logger.entity=''": (
        r"logger.entity='': must be the name of a W&B user or team, at most 128 characters without / \ # ? % :, "
        "or null for your default"
    ),
    "tags=pilot": f"tags=pilot: {TAGS}",
    f"tags=[{65 * 'a'}]": f"tags=[{65 * 'a'}]: {TAGS}",
    "pruning.edge.criterion=os.no_such": (
        "pruning.edge.criterion=os.no_such: cannot be imported (AttributeError: module 'os' has no attribute "
        f"'no_such'); must be {OF_EDGES}, {OWN}"
    ),
    "pruning.edge.criterion=os.sep": (f"pruning.edge.criterion=os.sep: is not a function; must be {OF_EDGES}, {OWN}"),
    "analysis.reader=papers": f"analysis.reader=papers: must be {', '.join(READERS)}, {OWN}",
    "analysis.reader=os.sep": f"analysis.reader=os.sep: is not a function; must be {', '.join(READERS)}, {OWN}",
    "pruning.edge.criterion=.f": (
        f"pruning.edge.criterion=.f: cannot be imported (ValueError: Empty module name); must be {OF_EDGES}, {OWN}"
    ),
    "task=digits_pair task.per_pair=0": "task.per_pair=0: must be an integer from 1 to 10000",
    "task=digits_xor task.source=no/where": f"task.source=no/where: no such folder in {{folder}}; must be {SOURCE}",
    "task=mnist_pair": f"task.source=data/mnist: no such folder in {{folder}}; must be {SOURCE}",
    "task=table": f"task.path: missing; task table needs {TABLE}",
    "task=table task.path=no.csv task.outputs=[y]": "task.path=no.csv: no such file in {folder}",
    "task=function": (
        "task.function: missing; task function needs the import path of a function on bits, such as my_module.majority"
    ),
    "task=graph": (
        "task.graph: missing; task graph needs the import path of a Graph, or of a function that returns one, such as "
        "my_module.graph"
    ),
    "task=graph task.graph=no_such_module.graph": (
        "task.graph=no_such_module.graph: cannot be imported (ModuleNotFoundError: No module named 'no_such_module')"
    ),
}
