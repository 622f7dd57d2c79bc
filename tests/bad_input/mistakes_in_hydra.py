"""Mistakes in the words of a command line, in Hydra's own settings and in configuration files."""

from mistakes import NOT_UTF8, Mistake, folder_of, written

SWEEP = ("-m", "seed=0,1")

WORDS = [
    Mistake(("",), ("must have the form key=value",)),
    Mistake((" ",), ("must have the form key=value",)),
    Mistake(("=1",), ("=1", "must have the form key=value")),
    Mistake(("seed=1=2",), ("seed=1=2",)),
    Mistake(("seed=$(id)",), ("seed=$(id)",)),
    Mistake(("seed=１",), ("seed=１",)),
    Mistake(("s\u200beed=1",), ("s\\u200beed=1",)),
    Mistake(("seed=\x1b[31m",), ("seed=\\x1b[31m",)),
    Mistake(("seed=\udcff",), ("seed=\\udcff",)),
    Mistake(("seed='a\nb'",), ("seed=a b",)),
    Mistake(("seed=${seed}",), ("seed", "Recursive")),
    Mistake(("seed=${oc.env:NO_SUCH_VARIABLE}",), ("seed", "NO_SUCH_VARIABLE")),
    Mistake(("seed=1", "seed=2"), ("seed=2", "set twice")),
    Mistake(("task=boolean_sep", "task=boolean_single"), ("task=boolean_single", "set twice")),
    Mistake(("-m", "seed=0,1", "seed=2,3"), ("seed=2,3", "set twice")),
    Mistake(("-m", "resume=true,false"), ("resume=true,false", "cannot be swept")),
    Mistake(("a.b.c=1",), ("a: unknown key",)),
    Mistake(("seed.deeper=1",), ("seed=",)),
    Mistake(("task='boolean_sep\n'",), ("task=boolean_sep\\n", "available")),
    Mistake(("task=../trainer/default",), ("task.name",)),
    Mistake(("experiment=../../x",), ("experiment=../../x", "available")),
    Mistake(("experiment=/etc/passwd",), ("experiment=/etc/passwd", "available")),
    Mistake(("+task=boolean_sep",), ("task appears more than once",)),
    Mistake(("--cfg",), ("--cfg", "--help")),
    Mistake(("--cfg", "no_such"), ("--cfg", "choose from")),
    Mistake(("--info", "no_such"), ("--info", "choose from")),
    Mistake(("--run", "--multirun"), ("--run", "not allowed with argument")),
    Mistake(("--resolve",), ("--resolve", "--cfg")),
    Mistake(("--package", "task"), ("--package", "--cfg")),
    Mistake(("--shell-completion",), ("--shell-completion", "install=")),
    Mistake(("--shell-completion", "install=cmd"), ("--shell-completion", "zsh")),
    Mistake(("--experimental-rerun", "x.pickle"), ("--experimental-rerun", "not supported")),
    Mistake(("--config-name", "../x"), ("../x", "no such configuration file")),
    Mistake(("--config-path", "nowhere"), ("nowhere",)),
    Mistake(("--config-dir", "/etc/passwd"), ("--config-dir /etc/passwd", "no such folder")),
    Mistake(("--config-dir", "mine"), ("mine", "Permission denied"), folder_of("mine", 0), barred=True),
]

SETTINGS = [
    *(
        Mistake((*SWEEP, f"{key}={value}"), (key,))
        for key, values in {
            "hydra.launcher.executor": ("null", "[a]"),
            "hydra.launcher.workers": ("-1", "1.5"),
            "hydra.sweeper.max_batch_size": ("0", "-1", "many"),
            "hydra.sweeper.params": ("3", "{seed: 1}"),
            "hydra.sweep.dir": ("''", "null", "[a]", "{a: 1}", "'a\nb'", "' '"),
            "hydra.sweep.subdir": (
                "null",
                "../up",
                "/tmp/away",
                "a/../../../up",
                "groups/0000",
                "checkpoints",
                "'a\nb'",
            ),
            "hydra.output_subdir": ("../up", "/tmp/away", "groups", "[a]", "'a\nb'"),
        }.items()
        for value in values
    ),
    *(
        Mistake((f"{key}={value}",), (key,))
        for key, values in {
            "hydra.run.dir": ("''", "null", "[a]", "'a\nb'", "' '"),
            "hydra.output_subdir": ("../up", "/tmp/away", "groups"),
            "hydra.job.chdir": ("perhaps",),
            "hydra.job.name": ("../up", "/tmp/away", "''", "..", "'a\nb'"),
            "hydra.job.env_set": ("3", "{A: [1]}"),
            "hydra.job.env_copy": ("3",),
            "hydra.job.num": ("many",),
            "hydra.verbose": ("3",),
            "hydra.mode": ("no_such",),
            "hydra.callbacks": ("3",),
            "hydra.job_logging": ("3",),
            "hydra.searchpath": ("3", "[nowhere]", "['file://nowhere']"),
            "hydra.run": ("3",),
            "hydra.sweep": ("3",),
            "hydra": ("3",),
            "hydra/sweeper": ("no_such",),
            "hydra/job_logging": ("no_such",),
            "hydra/hydra_logging": ("no_such",),
            "hydra.job.no_such": ("3",),
            "hydra.launcher.no_such": ("3",),
        }.items()
        for value in values
    ),
    Mistake(("+hydra.callbacks.mine={_target_: no.such}",), ("no.such",)),
    Mistake(("+hydra.launcher.no_such=3", *SWEEP), ("no_such",)),
    Mistake((*SWEEP, "hydra.sweep.subdir='${hydra.job.override_dirname}'", "+task.x='../../../../up'"), ("task.x",)),
    Mistake((*SWEEP, "hydra.sweeper.max_batch_size=0", "hydra/sweeper=basic"), ("hydra.sweeper.max_batch_size",)),
]

EXPERIMENT = ("--config-dir", "mine", "experiment=e")
FILE = "mine/experiment/e.yaml"
GLOBAL = "# @package _global_\n"

CONTENTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "experiment"),
    "not UTF-8": (NOT_UTF8, "experiment=e: a configuration file is not UTF-8"),
    "with a zero byte": ("seed: \x00", f"{FILE}: cannot be read as YAML"),
    "truncated": (f"{GLOBAL}training: {{lr: 0.1", f"{FILE}: cannot be read as YAML"),
    "with a tab": ("\tseed: 1", f"{FILE}: cannot be read as YAML (line 1"),
    "with a key twice": (f"{GLOBAL}seed: 1\nseed: 2\n", f"{FILE}: cannot be read as YAML (line 3: found duplicate key"),
    "two documents": (f"{GLOBAL}seed: 1\n---\nseed: 2\n", f"{FILE}: cannot be read as YAML"),
    "an unknown alias": ("seed: *one", f"{FILE}: cannot be read as YAML"),
    "a tag of Python": ("a: !!python/object/apply:os.system [touch ran]", f"{FILE}: cannot be read as YAML"),
    "a list": ("- seed\n", "experiment"),
    "a text": ("no yaml at all", "experiment"),
    "nested too deeply": ("[" * 3000, "nested too deeply"),
    "an alias of itself": ("a: &a [*a]", "nested too deeply"),
    "without its first line": ("seed: 1\n", "'# @package _global_'"),
    "a package with blanks": ("# @package a b c\nseed: 1\n", "experiment=e"),
    "a value out of range": (f"{GLOBAL}seed: -1\n", "seed=-1"),
    "an unknown key": (f"{GLOBAL}no_such: 1\n", "no_such"),
    "a number as a key": (f"{GLOBAL}1: 2\n", "1: unknown key"),
    "null as a key": (f"{GLOBAL}null: 2\n", "experiment=e"),
    "a date": (f"{GLOBAL}seed: 2024-01-01\n", "seed=2024-01-01"),
    "bytes": (f"{GLOBAL}seed: !!binary aGVsbG8=\n", "seed="),
    "a set": (f"{GLOBAL}seed: !!set {{a}}\n", "seed: Value 'set'"),
    "an unknown interpolation": (f"{GLOBAL}seed: ${{no.such}}\n", "no.such"),
    "an unknown variable": (f"{GLOBAL}seed: ${{oc.env:NO_SUCH_VARIABLE}}\n", "NO_SUCH_VARIABLE"),
    "defaults that are none": (f"{GLOBAL}defaults: 3\n", "experiment=e"),
    "unknown defaults": (f"{GLOBAL}defaults: [no_such]\n", "experiment/no_such"),
    "an unknown option": (f"{GLOBAL}defaults:\n  - override /task: no_such\n", "task=no_such"),
    "settings of Hydra that are none": (f"{GLOBAL}hydra: 3\n", "experiment/e"),
    "a sweep that needs -m": (f"{GLOBAL}hydra: {{sweeper: {{params: {{seed: '0,1'}}}}}}\n", "needs -m"),
    "a sweep that cannot be read": (f"{GLOBAL}hydra: {{sweeper: {{params: {{seed: '0,,1'}}}}}}\n", "seed=0,,1"),
}

CONFIGURATION_FILES = [
    *(Mistake(EXPERIMENT, (names,), written(FILE, content), note=note) for note, (content, names) in CONTENTS.items()),
    Mistake(EXPERIMENT, ("experiment=e", "no such option"), folder_of("mine/experiment"), note="missing"),
    Mistake(EXPERIMENT, ("experiment=e", "no such option"), folder_of(FILE), note="a folder"),
    Mistake(EXPERIMENT, (FILE, "Permission denied"), written(FILE, "seed: 1", 0), barred=True, note="barred"),
    Mistake(("--config-path", "mine"), ("primary config",), written("mine/config.yaml", "- 1\n"), note="a list"),
    Mistake(("--config-path", "mine"), ("missing key",), written("mine/config.yaml", "foo: 1\n"), note="another"),
    Mistake(("--config-path", "mine"), ("UTF-8",), written("mine/config.yaml", NOT_UTF8), note="not UTF-8"),
]

MISTAKES = [*WORDS, *SETTINGS, *CONFIGURATION_FILES]
