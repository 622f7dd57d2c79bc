"""The behavior that Hydra asks of every launcher; its toy tasks run job by job."""

import pytest
from hydra import version
from hydra.test_utils.launcher_common_tests import (
    BatchedSweeperTestSuite,
    IntegrationTestSuite,
    LauncherTestSuite,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("logging_restored"),
    pytest.mark.filterwarnings("ignore:Future Hydra versions will no longer change working directory"),
    pytest.mark.filterwarnings("ignore::hydra.errors.Hydra14MigrationWarning"),
]


@pytest.fixture(autouse=True)
def version_base(hydra_restore_singletons: None) -> None:
    """The suites look for log files where jobs put them that change to their folder, as they did up to 1.1."""
    version.setbase("1.1")


@pytest.mark.parametrize(("launcher_name", "overrides"), [("batch", []), ("batch", ["hydra/sweeper=batch"])])
class TestLauncher(LauncherTestSuite): ...


@pytest.mark.parametrize(
    ("launcher_name", "overrides"), [("batch", ["hydra/sweeper=batch", "hydra.sweeper.max_batch_size=2"])]
)
class TestBatchedSweeper(BatchedSweeperTestSuite): ...


@pytest.mark.parametrize(
    ("task_launcher_cfg", "extra_flags"),
    [
        ({}, ["-m", "hydra/launcher=batch"]),
        ({}, ["-m", "hydra/launcher=batch", "hydra/sweeper=batch"]),
    ],
)
class TestIntegration(IntegrationTestSuite): ...
